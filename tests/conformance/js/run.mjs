// Runs named checks one after another and prints one JSON object: name → "ok", or what went wrong.
// The door comes from the environment: DOOR_URL (an origin), DOOR_KEY, DOOR_BAD_KEY.
import assert from "node:assert/strict";

export const door = {
  url: process.env.DOOR_URL,
  v1: `${process.env.DOOR_URL}/v1`,
  key: process.env.DOOR_KEY,
  badKey: process.env.DOOR_BAD_KEY,
};

export async function run(checks) {
  const told = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      told[name] = "ok";
    } catch (error) {
      told[name] = String(error?.stack ?? error);
    }
  }
  process.stdout.write(JSON.stringify(told));
}

export async function rejects(call, kind, status) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof kind, `${error?.constructor?.name} is no ${kind.name}: ${error?.message}`);
    if (status !== undefined) assert.equal(error.status, status);
    return true;
  });
}
