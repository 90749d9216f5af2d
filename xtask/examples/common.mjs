// What the checks of the examples share. The environment says where the server is (DOORWARD_URL) and how to run
// commands on its store (DOORWARD: a JSON list).

import { execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";

export const url = process.env.DOORWARD_URL;
const [program, ...globals] = JSON.parse(process.env.DOORWARD);

/** Says on standard output what held (no problem) and what did not. */
export const check = (name, problem) => {
  const text = problem ? String(problem).replaceAll("\n", " ") : "";
  console.log(problem ? `not ok ${name}: ${text}` : `ok ${name}`);
  if (problem) process.exitCode = 1;
};

/** Whether what is true soon is true: asks until then, for at most so long. */
export const soon = async (ask, seconds = 20) => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer || Date.now() > end) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
};

/** The environment without what the program would take for its settings. */
export const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("DOORWARD")));

/** The program and its arguments, for a command on the store of the server. */
export const command = (...args) => [program, [...globals, ...args]];

/** A command on the store of the server, answered by one JSON object. */
export const doorward = async (...args) => {
  const { stdout } = await promisify(execFile)(...command(...args, "--json"), { env: plain });
  return JSON.parse(stdout);
};

/** Requests of an identity provider on its connection. */
export const scim = ({ base_url, token }) => async (method, path, body) => {
  const response = await fetch(`${base_url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
};

/** A port that was free a moment ago. */
export const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const children = new Set();

/** Starts a program of ours; everything that was started ends with this one. */
export const start = (command, args, options = {}) => {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  children.add(child);
  child.ended = new Promise((done) => child.once("exit", done));
  child.ended.then(() => children.delete(child));
  return child;
};
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
["SIGTERM", "SIGINT"].forEach((signal) => process.on(signal, () => process.exit(1)));

/** Waits for the first line that the program prints. */
export const firstLine = (child) =>
  new Promise((done, failed) => {
    child.stdout.once("data", (line) => done(String(line).trim()));
    child.ended.then(() => failed(new Error(`${child.spawnargs.join(" ")} ended at once`)));
  });
