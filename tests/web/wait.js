// Waiting for what is to come, with a limit.

/** Asks until the answer is neither false, null nor undefined, and gives it; fails after `limit` milliseconds. */
export async function waitFor(what, ask, limit = 15000) {
  const end = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${limit / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
