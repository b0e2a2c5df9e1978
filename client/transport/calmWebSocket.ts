import type { Sdk } from "./sdk";

type Handler = ((event: unknown) => void) | null;

/** Of the WebSocket of Node 22 and later, and of browsers, what is used here. */
interface GlobalWebSocket {
  onerror: Handler;
  readonly readyState: number;
}

type GlobalWebSocketClass = new (...args: never[]) => GlobalWebSocket;

/** `WebSocket.CLOSED` */
const CLOSED = 3;

/**
 * Makes the SDK's WebSocket protocol bear a connection that fails.
 *
 * On the global WebSocket, the SDK (7.17) asks its socket for the state when it is
 * notified of an error. A socket of Node 22 that could not connect says "connecting"
 * for ever, so that `connect()` never ends; after `disconnect()` there is no socket
 * to ask, and the `TypeError` of that, outside of any promise, ends the program.
 */
export function calmWebSocket({ protocol }: Sdk): void {
  const { WebSocket } = globalThis as { WebSocket?: GlobalWebSocketClass };
  if (WebSocket === undefined || protocol?.WebSocketClient !== WebSocket) {
    return; // HTTP, the package `ws`, or done before
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
