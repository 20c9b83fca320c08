// Asks one TCP address every few milliseconds and prints when it begins and ceases to answer: a line
// `up <milliseconds since 1970>` or `down <…>` for each change, and `failed <…>` with the beginning of each
// attempt that failed while it was up. Runs inside a network namespace of a bench.
// node dist/bench/prober.js ADDRESS PORT
import { connect } from 'node:net';

const PERIOD_MS = 10;
/** An attempt whose packets were dropped is given up; the next ones are under way already. */
const ATTEMPT_LIMIT_MS = 250;
/** So many failures in a row mean that it is down. */
const DOWN_AFTER = 5;

const [host = '', port = ''] = process.argv.slice(2);
let isUp = false;
let failures = 0;

function attempt(): void {
  const begun = Date.now();
  const socket = connect({ host, port: Number(port) });
  socket.setTimeout(ATTEMPT_LIMIT_MS, () => socket.destroy(new Error('no answer')));
  socket.once('connect', () => {
    failures = 0;
    if (!isUp) {
      isUp = true;
      process.stdout.write(`up ${Date.now()}\n`);
    }
    socket.destroy();
  });
  socket.once('error', () => {
    failures += 1;
    if (isUp) {
      process.stdout.write(`failed ${begun}\n`);
    }
    if (isUp && failures >= DOWN_AFTER) {
      isUp = false;
      process.stdout.write(`down ${Date.now()}\n`);
    }
  });
}

setInterval(attempt, PERIOD_MS);
process.stdout.write('ready 0\n');
