/** A load balancer in front of several nodes, so that clients have one address. */
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";

export class Balancer {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** @param ports of nodes on this machine: the first one that listens is used */
  static async start(ports: readonly number[]): Promise<Balancer> {
    const server = createServer((client) => balancer.join(client, ports));
    const balancer = new Balancer(server);
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    return balancer;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, [port, ...others]: readonly number[]): void {
    this.keep(client);
    if (port === undefined) {
      client.destroy();
      return;
    }
    const node = connect(port, "127.0.0.1");
    this.keep(node);
    let isOpen = false;
    node.once("connect", () => {
      isOpen = true;
      client.pipe(node).pipe(client);
    });
    node.once("close", () => {
      if (isOpen) client.destroy();
      else this.join(client, others);
    });
    client.once("close", () => node.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.sockets.delete(socket));
  }
}
