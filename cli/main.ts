// The entry of `skein`. It answers --version by itself; anything else loads what that command needs and no
// more, so that a short command is not slower than node's own start.
import { SKEIN_VERSION } from './version.ts';

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
  process.stdout.write(`skein version ${SKEIN_VERSION}\n`);
} else {
  const { runProcess } = await import('./process.ts');
  process.exitCode = await runProcess(words);
}
