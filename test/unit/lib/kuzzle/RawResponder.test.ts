import HttpWsProtocol from "kuzzle/dist/lib/core/network/protocols/httpwsProtocol";
import MqttProtocol from "kuzzle/dist/lib/core/network/protocols/mqttProtocol";
import type { KuzzleRequest } from "kuzzle";
import should from "should";
import sinon from "sinon";

import { RawResponder } from "../../../../lib/kuzzle/RawResponder";
import { RawSource } from "../../../../lib/core/RawSource";
import { becomeKuzzle } from "../../../support/kuzzle";
import { kuzzleRequest } from "../../../support/request";

const LONG = '{"n":1306415010221662247}';

/** Kuzzle's own protocols, as constructed, and what they have sent. */
function entryPointWith(content: object) {
  const websocket: any = new HttpWsProtocol();
  clearInterval(websocket.nowInterval);
  const mqtt: any = new MqttProtocol();
  // its broker would keep the process alive
  mqtt.aedes.close();
  mqtt.config = { responseTopic: "Kuzzle/response", developmentMode: false };
  const publish = sinon.stub();
  const wsSend = sinon.stub(websocket, "wsSend");
  websocket.socketByConnectionId.set("here", {});
  mqtt.connectionsById.set("here", { publish });
  const protocols = new Map([websocket, mqtt].map((each) => [each.name, each]));
  return {
    protocols,
    execute: (_: unknown, request: KuzzleRequest, respond: any) =>
      respond({ content, requestId: request.id }),
    wsSend,
    publish,
  };
}

describe("RawResponder", () => {
  let leave: () => void;

  before(() => {
    leave = becomeKuzzle({ log: { child: () => ({}) } });
  });

  after(() => leave());

  const content = {
    result: { documents: [{ _source: RawSource.ofText(LONG) }] },
  };

  for (const protocol of ["websocket", "mqtt"] as const) {
    it(`[R13] sends sources as their own text: ${protocol}`, () => {
      const entryPoint = entryPointWith(content);
      const responder = new RawResponder(() => entryPoint);
      responder.start();
      const request = kuzzleRequest({});
      responder.mark(request);
      const respond = sinon.stub();
      entryPoint.execute({ id: "here", protocol }, request, respond);

      const payload: Buffer =
        protocol === "websocket"
          ? entryPoint.wsSend.firstCall.args[1]
          : entryPoint.publish.firstCall.args[0].payload;
      const room = protocol === "websocket" ? `,"room":"${request.id}"` : "";
      should(payload.toString()).equal(
        `{"result":{"documents":[{"_source":${LONG}}]}${room}}`,
      );
      sinon.assert.notCalled(respond);
    });
  }

  it("[R13] leaves all other answers to Kuzzle", () => {
    const entryPoint = entryPointWith(content);
    const responder = new RawResponder(() => entryPoint);
    responder.start();
    const respond = sinon.stub();
    entryPoint.execute(
      { id: "here", protocol: "websocket" },
      kuzzleRequest({}),
      respond,
    );
    sinon.assert.calledOnce(respond);
    sinon.assert.notCalled(entryPoint.wsSend);
  });

  it("[R13] cannot respond over a protocol that is not the one it knows", () => {
    const protocols = new Map<string, unknown>([["websocket", {}]]);
    const responder = new RawResponder(() => ({ protocols }) as any);
    for (const protocol of ["websocket", "mqtt", "internal"]) {
      const request = kuzzleRequest({}, { protocol });
      should(responder.canRespond(request)).be.false();
    }
  });
});

describe("RawSource.stringify", () => {
  it("[R13] is JSON.stringify, but for the sources, which are their own text", () => {
    const value = {
      a: [RawSource.ofText(LONG), "b"],
      c: RawSource.ofText("{}"),
    };
    should(RawSource.stringify(value)).equal(`{"a":[${LONG},"b"],"c":{}}`);
    should(RawSource.stringify({ a: 1 })).equal('{"a":1}');
    should(JSON.stringify(value.c)).equal("{}");
  });
});
