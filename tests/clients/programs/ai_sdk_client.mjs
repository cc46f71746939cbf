// A program with Vercel's AI SDK; prints what it got as one JSON object. Its packages are found by NODE_PATH.
//
// node ai_sdk_client.mjs http|sse URL KEY CREATE_TOOL STATUS_TOOL REQUEST

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { createMCPClient } = require("@ai-sdk/mcp");
const { generateText, isStepCount, jsonSchema } = require("ai");
const { MockLanguageModelV4 } = require("ai/test");
const { z } = require("zod");

const [transport, url, key, CREATE, STATUS, text] = process.argv.slice(2);
const request = JSON.parse(text);
const wrong = { ...request, email: "no address" };

const EMPTY = { array: [], boolean: false, integer: 0, number: 0, object: {}, string: "" };
const USAGE = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };

const client = await createMCPClient({
  transport: { type: transport, url, headers: { Authorization: `Bearer ${key}` } },
});
const definitions = await client.listTools();
const untyped = client.toolsFromDefinitions(definitions);
const typed = client.toolsFromDefinitions(definitions, { schemas: schemasOf(definitions.tools) });

const created = await untyped[CREATE].execute(request, {});
const said = {
  protocol: client.initializeResult.protocolVersion,
  tools: Object.keys(untyped),
  created,
  status: await typed[STATUS].execute({ tracking_id: created.structuredContent.tracking_id }, {}),
  refused: await untyped[CREATE].execute(wrong, {}),
  // the SDK checks no arguments of untyped tools, so a model may send null for every one
  nulls: await converse(untyped, () => null),
  // the SDK checks arguments and answers of typed ones against our schemas
  empties: await converse(typed, ({ default: value, type }) => value ?? EMPTY[[type].flat()[0]]),
};
await client.close();
process.stdout.write(JSON.stringify(said));

/** Return the schemas of all tools as a program has them that wants types, with checks by zod. */
function schemasOf(tools) {
  const checked = (schema) => {
    const check = z.fromJSONSchema(schema);
    return jsonSchema(schema, {
      validate: (value) => {
        const { success, data, error } = check.safeParse(value);
        return success ? { success, value: data } : { success, error };
      },
    });
  };
  return Object.fromEntries(
    tools.map(({ name, inputSchema, outputSchema }) => [
      name,
      { inputSchema: checked(inputSchema), outputSchema: checked(outputSchema) },
    ]),
  );
}

/**
 * Let a model send a wrong request, then the right one, and follow it; return what the model read.
 *
 * As with a strict schema the model sends every argument; `blank` returns the value of one that it has no value for.
 */
async function converse(tools, blank) {
  const read = [];
  const call = (offered, toolName, known) => {
    const { properties } = offered.find((tool) => tool.name === toolName).inputSchema;
    const blanks = Object.entries(properties).map(([name, schema]) => [name, blank(schema)]);
    const input = JSON.stringify({ ...Object.fromEntries(blanks), ...known });
    return answer("tool-calls", { type: "tool-call", toolCallId: `call-${read.length}`, toolName, input });
  };
  const model = new MockLanguageModelV4({
    doGenerate: async ({ prompt, tools: offered }) => {
      const last = prompt.at(-1);
      if (last.role === "tool") read.push(last.content[0].output);
      if (read.length === 0) return call(offered, CREATE, wrong);
      if (read.length === 1) return call(offered, CREATE, request);
      if (read.length === 2) {
        return call(offered, STATUS, { tracking_id: valueOf(read[1]).tracking_id, wait_seconds: 20 });
      }
      return answer("stop", { type: "text", text: `${valueOf(read[2]).progress}` });
    },
  });
  const { text } = await generateText({ model, tools, prompt: "Cotiza un robot.", stopWhen: isStepCount(5) });
  return { read, text };
}

function answer(unified, part) {
  return { content: [part], finishReason: { unified }, usage: USAGE, warnings: [] };
}

/** Return the object that a tool's answer holds: as it is, or as the text of its first part. */
function valueOf(output) {
  return output.type === "json" ? output.value : JSON.parse(output.value[0].text);
}
