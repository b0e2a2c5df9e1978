/** The part of the SDK's Kuzzle object that the client uses, without `any`. */
export interface Sdk {
  readonly connected: boolean;
  readonly jwt: string | null;
  readonly cookieAuthentication: boolean;
  /** undefined over HTTP */
  readonly autoReconnect?: boolean;
  readonly authenticator?: (() => Promise<void>) | null;
  readonly auth: {
    readonly authenticationToken: { readonly userId: string | null } | null;
    checkToken(): Promise<{ readonly valid: boolean; readonly kuid?: string }>;
  };
  readonly protocol?: {
    readonly state?: string;
    /** of a WebSocket */
    readonly client?: { readonly readyState?: number } | null;
    /** of a WebSocket: the class of its sockets */
    WebSocketClient?: unknown;
  };
  readonly volatile: Readonly<Record<string, unknown>>;
  readonly sdkName: string;
  authenticate(): Promise<void>;
  on(event: SdkEvent, listener: (context?: SdkContext) => void): unknown;
  query(request: SdkRequest, options: { queuable: boolean }): Promise<unknown>;
}

export type SdkEvent =
  "connected" | "reconnected" | "disconnected" | "reconnectionError";

export interface SdkContext {
  readonly origin?: string;
}

export interface SdkRequest {
  readonly controller: string;
  readonly action: string;
  readonly index?: string;
  readonly collection?: string;
  readonly body?: object;
  readonly [argument: string]: unknown;
}
