"use strict";

const PROTOCOLS = ["http", "websocket", "mqtt"];

/** One profile per protocol for the same features: tags exclude what belongs to another protocol. */
function profile(protocol) {
  const others = PROTOCOLS.filter((other) => other !== protocol);

  // @messages: whatever has no URL
  if (protocol === "http") others.push("messages");

  return {
    requireModule: ["tsx/cjs"],
    require: [
      "features/support/world.ts",
      "features/support/hooks.ts",
      "features/step_definitions/*.ts",
    ],
    tags: others.map((other) => `not @${other}`).join(" and "),
    worldParameters: { protocol },
  };
}

module.exports = {
  default: profile("http"),
  http: profile("http"),
  websocket: profile("websocket"),
  mqtt: profile("mqtt"),
};
