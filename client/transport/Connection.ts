import { BatchError } from "../errors/BatchError";
import type { Clock } from "./clock";
import type { Identity, Transport } from "./RequestSender";
import type { Sdk, SdkRequest } from "./sdk";

const POLL_MS = 50;

/**
 * The SDK's connection: whether it is open, whether it may be restored, and whose it
 * is. It is polled, because the SDK swallows an event that follows another within 200
 * ms.
 */
export class Connection implements Transport<SdkRequest> {
  private wasThere: boolean;
  private isClosed = false;
  private renewal: Promise<void> | undefined;

  constructor(
    private readonly kuzzle: Sdk,
    private readonly clock: Clock,
    onChange: () => void,
  ) {
    this.wasThere = kuzzle.connected;
    const opened = (): void => {
      this.wasThere = true;
      this.isClosed = false;
      onChange();
    };
    kuzzle.on("connected", opened);
    kuzzle.on("reconnected", opened);
    kuzzle.on("disconnected", (context?: { origin?: string }) => {
      this.isClosed = context?.origin === "user/connection-closed";
      onChange();
    });
    kuzzle.on("reconnectionError", () => {
      this.isClosed = true; // the SDK stops reconnecting
    });
  }

  /**
   * The user's id; for a session kept in a cookie, only whether there is one.
   *
   * @throws {BatchError} `batch.client.disconnected` if the server cannot be asked
   */
  async identity(): Promise<Identity> {
    const { kuzzle } = this;
    if (!kuzzle.cookieAuthentication) {
      return this.knownIdentity();
    }
    try {
      const { valid, kuid } = await kuzzle.auth.checkToken();
      return valid && kuid !== "-1" ? COOKIE : undefined;
    } catch (cause) {
      throw new BatchError("The user of the session could not be determined", {
        id: "batch.client.disconnected",
        status: 0,
        cause,
      });
    }
  }

  async isReadyFor(
    identity: Identity,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    for (;;) {
      if (this.isOpen() && this.isStill(identity)) {
        return true;
      }
      if (!this.mayComeBack() || this.clock.now() >= deadline) {
        return false;
      }
      await this.clock.sleep(POLL_MS, signal);
      if (signal?.aborted) {
        return false;
      }
    }
  }

  get token(): string | null {
    return this.kuzzle.jwt;
  }

  send(request: SdkRequest): Promise<unknown> {
    // no offline queue: it would later send requests that were abandoned here
    return this.kuzzle.query(request, { queuable: false }).then(resultOf);
  }

  /** Always true for a session kept in a cookie, which cannot be read. */
  isStill(identity: Identity): boolean {
    return (
      this.kuzzle.cookieAuthentication || this.knownIdentity() === identity
    );
  }

  /** Logs in again with the SDK's `authenticator`; all requests share one attempt. */
  async renew(jwt: string | null): Promise<boolean> {
    const { kuzzle } = this;
    if (kuzzle.jwt !== jwt && kuzzle.jwt !== null) {
      return true; // another request has already renewed it
    }
    if (typeof kuzzle.authenticator !== "function") {
      return false;
    }
    this.renewal ??= kuzzle.authenticate().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal.then(
      () => true,
      () => false,
    );
  }

  private knownIdentity(): Identity {
    const { kuzzle } = this;
    return kuzzle.jwt === null
      ? undefined
      : (kuzzle.auth.authenticationToken?.userId ?? kuzzle.jwt);
  }

  /**
   * After the server closes a WebSocket properly, the SDK still considers it connected
   * and never answers what is sent on it (tested with 7.17).
   */
  private isOpen(): boolean {
    const { connected, protocol } = this.kuzzle;
    const { readyState = OPEN } = protocol?.client ?? {};
    return connected && readyState === OPEN;
  }

  private mayComeBack(): boolean {
    const { kuzzle } = this;
    if (this.isClosed) {
      return false;
    }
    // HTTP has no such setting and is always connected
    if (this.wasThere && !this.isOpen() && kuzzle.autoReconnect === false) {
      return false;
    }
    return this.wasThere || kuzzle.protocol?.state === "connecting";
  }
}

function resultOf(response: unknown): object {
  const { result } = (response ?? {}) as { result?: unknown };
  if (typeof result === "object" && result !== null) {
    return result;
  }
  throw new Error("The response does not come from Kuzzle");
}

/** `WebSocket.OPEN` */
const OPEN = 1;

const COOKIE = "(cookie)";
