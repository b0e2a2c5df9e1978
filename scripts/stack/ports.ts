import net from "node:net";

/** Free ports, all different: each is held until the last one is found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => listen(0)),
  );
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

/** A free port between two bounds, starting anywhere so that processes rarely collide. */
export async function freePortWithin(low: number, high: number) {
  const size = high - low + 1;
  const start = Math.floor(Math.random() * size);
  for (let i = 0; i < size; i++) {
    const port = low + ((start + i) % size);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of the ports ${low} to ${high} is free.`);
}

/**
 * Whether nobody listens on the port. Checked by listening *and* connecting: Kuzzle's
 * server shares its port (SO_REUSEPORT), so that a second one would start silently and
 * get half of the requests.
 */
export async function isFree(port: number): Promise<boolean> {
  if (await accepts(port)) return false;
  try {
    await close(await listen(port));
    return true;
  } catch {
    return false;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" });
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.setTimeout(1000, () => answer(false));
  });
}

function listen(port: number): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen({ port, host: "0.0.0.0", exclusive: true }, () =>
      resolve(server),
    );
  });
}

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}

function close(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
