// Gives the lab's switch one order: `order.js SOCKET cut h1 h2`.
import { createConnection } from 'node:net';

const [path = '', ...words] = process.argv.slice(2);
let answer = '';
const socket = createConnection(path, () => socket.write(`${words.join(' ')}\n`));
socket.setEncoding('utf8').on('data', (text: string) => {
  answer += text;
});
socket.on('error', (error) => {
  process.stderr.write(`lab: the switch does not answer: ${error.message}\n`);
});
socket.on('close', () => {
  if (answer.trim() !== 'done') {
    process.stderr.write(answer);
    process.exitCode = 1;
  }
});
