// The question for the code.

// A browser that the daemon knows is also asked while the list of peers cannot be read, such as on a disk that is mounted
// late. An attempt costs a connection, which the daemon closes five seconds later: so they are few.
const AGAIN_MS = 10000;
const ATTEMPT_MS = 2000;

const code = document.getElementById('code');

// With a #fragment in the address, browsers do not focus the field by themselves.
code.focus();

async function attempt() {
  if (document.hidden || code.value) return;
  try {
    const answer = await fetch('/?HOST_INFO', {
      headers: { Accept: 'application/json' },
      cache: 'no-store',
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
    // Meanwhile somebody may have begun to type.
    if (answer.ok && !code.value) location.assign('/');
  } catch {
    // The daemon is gone. It is asked again.
  }
}

setInterval(attempt, AGAIN_MS);
document.addEventListener('visibilitychange', attempt);
