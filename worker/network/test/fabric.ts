// Hosts for tests: network namespaces on one bridge, each with its own plane, and an outside client.
// Root only. Everything hangs on one directory and ends with `destroy`.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { createNamespace, removeNamespace } from '../../kernel/namespace.ts';
import { connectSocket, openSocket } from '../../kernel/socket.ts';
import { LinuxNetworkPlane } from '../plane.ts';

const run = promisify(execFile);

export interface Host {
  readonly name: string;
  readonly index: number;
  readonly address: string;
  readonly namespace: string;
  readonly execRoot: string;
  plane: LinuxNetworkPlane;
}

/** `SKEIN_TEST_BALANCER=ipvs` runs the same tests on IPVS, where the kernel has it. */
function wantedBalancer(): 'nft' | 'ipvs' {
  return process.env['SKEIN_TEST_BALANCER'] === 'ipvs' ? 'ipvs' : 'nft';
}

export class Fabric {
  readonly directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
  readonly client: string;
  readonly hosts: Host[] = [];
  private readonly namespaces: string[] = [];
  private readonly servers: { close(): unknown }[] = [];
  readonly balancer: 'nft' | 'ipvs' | 'auto';

  private readonly more: { readonly ipv6?: boolean };

  constructor(
    count: number,
    balancer: 'nft' | 'ipvs' | 'auto' = wantedBalancer(),
    more: { readonly ipv6?: boolean } = {},
  ) {
    this.balancer = balancer;
    this.more = more;
    const fabric = this.makeNamespace('fabric');
    sh(fabric, 'ip link add br0 type bridge && ip link set br0 up && ip link set lo up');
    this.client = this.makeNamespace('client');
    this.plug(fabric, this.client, 'c', '10.77.0.250');
    for (let index = 1; index <= count; index += 1) {
      const namespace = this.makeNamespace(`h${index}`);
      const address = `10.77.0.${index}`;
      this.plug(fabric, namespace, `h${index}`, address);
      const execRoot = join(this.directory, `exec${index}`);
      const host = { name: `h${index}`, index, address, namespace, execRoot };
      this.hosts.push({ ...host, plane: this.makePlane(namespace, execRoot) });
    }
  }

  makePlane(namespace: string, execRoot: string): LinuxNetworkPlane {
    return new LinuxNetworkPlane(
      { clock: systemClock, log: silentLogger },
      { execRoot, hostNamespace: namespace, balancer: this.balancer, ...this.more },
    );
  }

  host(number: number): Host {
    const host = this.hosts[number - 1];
    if (host === undefined) {
      throw new Error(`no host ${number}`);
    }
    return host;
  }

  async start(): Promise<void> {
    for (const host of this.hosts) {
      await host.plane.start();
      host.plane.setIdentity(identityOf(host));
    }
  }

  /** A server that tells its name and who asked, on tcp and udp. The sockets live in the namespace. */
  serve(namespace: string, name: string, port: number): void {
    const tcp = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${name} ${socket.remoteAddress}`);
    });
    tcp.listen({ fd: openSocket(namespace, 'tcp', '0.0.0.0', port) });
    const udp = createSocket('udp4');
    udp.on('message', (_, from) => udp.send(`${name} ${from.address}`, from.port, from.address));
    udp.bind({ fd: openSocket(namespace, 'udp', '0.0.0.0', port) });
    this.servers.push(tcp, udp);
  }

  /** Of the switch between the hosts; the hosts' own ends are theirs to set. */
  setUnderlayMtu(mtu: number): void {
    const links = this.hosts.map(({ name }) => `ip link set ${name} mtu ${mtu}`).join(' && ');
    sh(join(this.directory, 'fabric'), `${links} && ip link set br0 mtu ${mtu}`);
  }

  /** The same by tcp, for callers of both families. */
  serve6(namespace: string, name: string, port: number): void {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${name} ${socket.remoteAddress?.replace('::ffff:', '')}`);
    });
    server.listen({ fd: openSocket(namespace, 'tcp', '::', port) });
    this.servers.push(server);
  }

  async destroy(): Promise<void> {
    for (const server of this.servers) {
      server.close();
    }
    for (const host of this.hosts) {
      await host.plane.destroyAll();
    }
    for (const namespace of this.namespaces) {
      removeNamespace(namespace);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private makeNamespace(name: string): string {
    const path = join(this.directory, name);
    createNamespace(path);
    this.namespaces.push(path);
    return path;
  }

  private plug(fabric: string, namespace: string, port: string, address: string): void {
    sh(fabric, `ip link add ${port} type veth peer name eth0 && ip link set ${port} master br0 up`);
    const holder = spawn('nsenter', [`--net=${namespace}`, 'sleep', '60'], { stdio: 'ignore' });
    try {
      waitForNamespace(holder.pid ?? 0, namespace);
      sh(fabric, `ip link set eth0 netns ${holder.pid}`);
    } finally {
      holder.kill('SIGKILL');
    }
    sh(namespace, `ip link set lo up && ip addr add ${address}/24 dev eth0 && ip link set eth0 up`);
  }
}

function waitForNamespace(pid: number, namespace: string): void {
  execFileSync('sh', [
    '-c',
    `n=0; until [ "$(stat -Lc %i /proc/${pid}/ns/net)" = "$(stat -Lc %i ${namespace})" ]; do n=$((n+1)); [ $n -lt 2000 ] || exit 1; done`,
  ]);
}

export function sh(namespace: string, command: string): string {
  return execFileSync('nsenter', [`--net=${namespace}`, 'sh', '-c', command], { encoding: 'utf8' });
}

/** Output and success of a command, without blocking the name servers that run in this process. */
export async function ask(namespace: string, command: string): Promise<{ ok: boolean; output: string }> {
  try {
    const { stdout, stderr } = await run('nsenter', [`--net=${namespace}`, 'sh', '-c', command], {
      timeout: 10_000,
    });
    return { ok: true, output: `${stdout}${stderr}` };
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    return { ok: false, output: `${output}${String(error)}` };
  }
}

/** What the server at the address says to a connection from the namespace; the error's code when refused. */
export function call(namespace: string, address: string, port: number, timeoutMs = 3000): Promise<string> {
  return new Promise((resolve) => {
    let fd = -1;
    try {
      fd = connectSocket(namespace, address, port);
    } catch (error) {
      resolve(error instanceof Error && 'code' in error ? String(error.code) : String(error));
      return;
    }
    const socket = new Socket({ fd });
    let text = '';
    socket.setTimeout(timeoutMs, () => {
      socket.destroy();
      resolve('timeout');
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    socket.on('close', () => resolve(text));
    socket.resume();
  });
}

/** The same by udp; a datagram that was too large for the way is sent again, in parts then. */
export function callUdp(
  namespace: string,
  address: string,
  port: number,
  timeoutMs = 3000,
  bytes = 3,
): Promise<string> {
  const socket = createSocket('udp4');
  return new Promise<string>((resolve) => {
    const timer = systemClock.after(timeoutMs, () => resolve('timeout'));
    const settle = (text: string): void => {
      timer.cancel();
      resolve(text);
    };
    socket.on('message', (data) => settle(data.toString()));
    const send = (): void => socket.send('w'.repeat(bytes));
    socket.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.message;
      if (code === 'EMSGSIZE') {
        send();
      } else {
        settle(code);
      }
    });
    socket.bind({ fd: openSocket(namespace, 'udp', '0.0.0.0', 0) });
    socket.connect(port, address, send);
  }).finally(() => socket.close());
}

export function identityOf(host: Host): {
  nodeId: string;
  overlayIndex: number;
  vtepAddress: string;
  dataPathPort: number;
} {
  return { nodeId: host.name, overlayIndex: host.index, vtepAddress: host.address, dataPathPort: 4789 };
}
