// Waits with a limit.

/** Polls until the answer is not false, null or undefined, and returns it; fails after `limit` milliseconds. */
export async function waitFor(what, ask, limit = 15000) {
  const end = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${limit / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
