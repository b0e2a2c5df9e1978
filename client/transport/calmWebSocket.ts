import type { Sdk } from "./sdk";

type Handler = ((event: unknown) => void) | null;

/** The part of the global WebSocket (Node 22 and later, browsers) that is used here. */
interface GlobalWebSocket {
  onerror: Handler;
  readonly readyState: number;
}

type GlobalWebSocketClass = new (...args: never[]) => GlobalWebSocket;

/** `WebSocket.CLOSED` */
const CLOSED = 3;

/**
 * Makes the SDK's WebSocket protocol survive a failing connection.
 *
 * When an error event arrives on the global WebSocket, the SDK (7.17) reads the state
 * of its socket. A socket of Node 22 that could not connect stays "connecting" forever,
 * so `connect()` never ends. After `disconnect()` there is no socket to read, and the
 * resulting `TypeError`, outside of any promise, ends the program.
 */
export function calmWebSocket({ protocol }: Sdk): void {
  const { WebSocket } = globalThis as { WebSocket?: GlobalWebSocketClass };
  if (WebSocket === undefined || protocol?.WebSocketClient !== WebSocket) {
    return; // HTTP, the package `ws`, or already patched
  }
  protocol.WebSocketClient = class extends WebSocket {
    private hasFailed = false;

    override get readyState(): number {
      return this.hasFailed ? CLOSED : super.readyState;
    }

    override set onerror(handler: Handler) {
      super.onerror = (event) => {
        this.hasFailed = true;
        if (protocol.client === this) handler?.(event);
      };
    }
  };
}
