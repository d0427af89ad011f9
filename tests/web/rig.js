// A daemon that listens to the demo song, and its peers.

import { spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '../../clients/web/osc.js';
import { waitFor } from './wait.js';

const root = path.resolve(fileURLToPath(import.meta.url), '../../..');
const programs = process.env.DOWNBEAT_PROGRAMS ?? path.join(root, process.env.CARGO_TARGET_DIR ?? 'target', 'debug');
const song = path.join(tmpdir(), 'downbeat-web-song');

export class Rig {
  /** Starts a daemon with the show of an example; `more` is TOML behind it, `web` further keys of the page's table. */
  static async start(more = '', example = 'demo', web = '') {
    const rig = new Rig();
    rig.folder = mkdtempSync(path.join(tmpdir(), 'downbeat-web-'));
    [rig.port, rig.nodes, rig.osc] = [await freePort(), await freePort(), await freePort()];
    rig.url = `http://127.0.0.1:${rig.port}`;
    rig.peer = await Peer.open(rig.osc);
    // Without everything that needs JACK or other programs.
    const text = readFileSync(path.join(root, `config/examples/${example}.toml`), 'utf8');
    const show = text.replace(/^connect = .*$/m, '').replace(/^\[(output|control)\.[^\]]*\]\n(?!\[)(?:.+\n)*/gm, '');
    rig.config = path.join(rig.folder, 'rig.toml');
    writeFileSync(
      rig.config,
      `${show}
[audio]
source = "file"
files = { main = ${JSON.stringify(demoSong())} }
repeat = true
[server]
listen = "127.0.0.1:${rig.nodes}"
announce = false
[web]
listen = "127.0.0.1:${rig.port}"
${web}
[control.peer]
kind = "osc"
listen = "127.0.0.1:${rig.osc}"
feedback-to = ["127.0.0.1:${rig.peer.port}"]
${more}
`,
    );
    // However a test ends, nothing is left running.
    process.once('exit', () => [rig.daemon, ...(rig.others ?? [])].forEach((one) => one?.kill('SIGKILL')));
    await rig.run();
    return rig;
  }

  /** Starts the daemon, again after `kill`. */
  async run() {
    this.daemon = spawn(path.join(programs, 'downbeatd'), ['--config', this.config], {
      env: { ...process.env, DOWNBEAT_KEYS: path.join(this.folder, 'keys') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const hear = (bytes) => (said += bytes);
    this.daemon.stdout.on('data', hear);
    this.daemon.stderr.on('data', hear);
    await waitFor('the daemon is ready', () => {
      if (this.daemon.exitCode !== null) throw new Error(`the daemon has ended:\n${said}`);
      return said.includes('ready');
    });
  }

  /** Kills the daemon without warning. */
  async kill(signal = 'SIGKILL') {
    const gone = new Promise((resolve) => this.daemon.once('exit', resolve));
    this.daemon.kill(signal);
    await gone;
  }

  /** Suspends the daemon, like a machine that hangs. */
  hang() {
    this.daemon.kill('SIGSTOP');
  }

  goOn() {
    this.daemon.kill('SIGCONT');
  }

  /** The daemon's HTTP answer for a path. */
  async value(address) {
    const answer = await fetch(this.url + address, { headers: { Accept: 'application/json' } });
    return (await answer.json()).VALUE?.[0];
  }

  /** What the daemon answers to a request with headers that a browser does not let one choose. */
  ask(path, headers) {
    return new Promise((resolve, reject) => {
      const asked = http.get({ host: '127.0.0.1', port: this.port, path, headers }, (answer) => {
        answer.resume().on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
      });
      asked.on('error', reject);
    });
  }

  /** A code that lets a browser in, once. */
  code() {
    const made = this.ctl('web');
    const code = made.stdout.match(/\b\d{3} ?\d{3}\b/)?.[0];
    if (!code) throw new Error(`no code: ${made.error ?? made.stderr}${made.stdout}`);
    return code;
  }

  /** What a command of `downbeatctl` prints. */
  ctl(command) {
    return spawnSync(path.join(programs, 'downbeatctl'), [command, '--server', `127.0.0.1:${this.nodes}`], {
      env: { ...process.env, DOWNBEAT_KEYS: path.join(this.folder, 'keys') },
      encoding: 'utf8',
      timeout: 10000,
    });
  }

  /** Lets others than this machine reach the page. */
  async listenToAll() {
    const text = readFileSync(this.config, 'utf8');
    writeFileSync(this.config, text.replace(`listen = "127.0.0.1:${this.port}"`, `listen = "0.0.0.0:${this.port}"\nannounce = false`));
    await this.kill();
    await this.run();
  }

  /** Starts a renderer that writes its frames; returns the folder. */
  renderer(name) {
    const frames = path.join(this.folder, name);
    mkdirSync(frames);
    const renderer = spawn(
      path.join(programs, 'downbeat-renderer'),
      ['--server', `127.0.0.1:${this.nodes}`, '--name', name, '--canvas', '128x72', '--headless', frames, '--every', '10'],
      { env: { ...process.env, DOWNBEAT_KEYS: path.join(this.folder, 'keys') }, stdio: 'ignore' },
    );
    (this.others ??= []).push(renderer);
    return frames;
  }

  async stop() {
    for (const other of this.others ?? []) other.kill('SIGKILL');
    if (this.daemon.exitCode === null && this.daemon.signalCode === null) await this.kill();
    this.peer.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Another surface, by OSC over UDP. */
class Peer {
  static async open(daemon) {
    const peer = new Peer();
    peer.daemon = daemon;
    peer.shows = new Map();
    peer.socket = dgram.createSocket('udp4').unref();
    peer.socket.on('message', (bytes) => {
      for (const { address, args } of decode(new Uint8Array(bytes))) peer.shows.set(address, args[0]);
    });
    await new Promise((resolve) => peer.socket.bind(0, '127.0.0.1', resolve));
    peer.port = peer.socket.address().port;
    return peer;
  }

  send(address, ...args) {
    this.socket.send(encode(address, args), this.daemon, '127.0.0.1');
  }

  /** Waits until an address shows a value. */
  wait(address, value, limit) {
    const same = (shown) => shown === value || Number(shown) === value || (typeof shown === 'number' && Math.abs(shown - value) < 0.01);
    return waitFor(`${address} shows ${value} to another surface`, () => same(this.shows.get(address)), limit);
  }

  close() {
    this.socket.close();
  }
}

function demoSong() {
  const made = spawnSync(path.join(programs, 'downbeat-song'), [song], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`no demo song: ${made.error ?? made.stderr}`);
  return made.stdout.trim();
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
