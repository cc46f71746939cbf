// Connects a host that starts local servers to a gateway: each line of stdin is an MCP message, posted to the gateway,
// and each answer becomes a line of stdout. It needs Node 20 and nothing else. The gateway keeps no sessions.

const META_VERSION = "io.modelcontextprotocol/protocolVersion";
const NAMED_BY = { "tools/call": "name", "prompts/get": "name", "resources/read": "uri" };
const INTERNAL_ERROR = -32603;
const PARSE_ERROR = -32700;

const underway = new Map();
let negotiated;

function setting(name) {
  const value = (process.env[name] ?? "").trim();
  // some hosts pass the placeholder of a setting that was left empty
  return value.startsWith("${") ? "" : value;
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function endpoint(address, key) {
  let url;
  try {
    url = new URL(address);
  } catch {
    stop("The gateway's address is not a URL like https://quotations.example.");
  }
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && (isLocal || !key))) {
    stop("The gateway's address must begin with https://, or the key could be read on its way.");
  }
  if (!/\/mcp\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/$/, "")}/mcp`;
  return url;
}

const key = setting("QUOTATIONS_API_KEY");
const url = endpoint(setting("QUOTATIONS_URL"), key);

function write(text) {
  process.stdout.write(`${text.replace(/[\r\n]+/g, " ")}\n`);
}

function fail(id, message, code = INTERNAL_ERROR) {
  write(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } }));
}

// a header holds only visible ASCII; the protocol's way to put anything else into one is base64
function headerValue(text) {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?base64?");
  return isPlain ? text : `=?base64?${Buffer.from(text).toString("base64")}?=`;
}

function headersFor({ method, params }) {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  if (key) headers.authorization = `Bearer ${key}`;
  const version = params?._meta?.[META_VERSION] ?? negotiated;
  if (version) headers["mcp-protocol-version"] = version;
  if (method) headers["mcp-method"] = method;
  const name = params?.[NAMED_BY[method]];
  if (typeof name === "string") headers["mcp-name"] = headerValue(name);
  return headers;
}

async function writeEvents(body) {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split(/\r?\n\r?\n/);
    text = events.pop();
    for (const event of events) {
      const fields = event.split(/\r?\n/).filter((field) => field.startsWith("data:"));
      if (fields.length) write(fields.map((field) => field.slice("data:".length)).join(" ").trim());
    }
  }
}

function messageIn(text) {
  try {
    const message = JSON.parse(text);
    return message?.jsonrpc === "2.0" ? message : undefined;
  } catch {
    return undefined;
  }
}

function sentenceFor(response) {
  if (response.status === 401) return "The gateway does not accept the API key: check it in the extension's settings.";
  if (response.status === 429) {
    return `Too many requests: try again in ${response.headers.get("retry-after") ?? "60"} seconds.`;
  }
  return `The gateway answered with the HTTP status ${response.status}: check its address in the extension's settings.`;
}

async function forward(message, body, signal) {
  const response = await fetch(url, { method: "POST", headers: headersFor(message), body, signal, redirect: "manual" });
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return writeEvents(response.body);
  const text = await response.text();
  if (message.id === undefined) return undefined;
  const answer = messageIn(text);
  if (!answer) return fail(message.id, sentenceFor(response));
  if (message.method === "initialize") negotiated = answer.result?.protocolVersion;
  return write(text);
}

async function handle(line) {
  const message = messageIn(line);
  if (!message) return fail(null, "The message is not a JSON-RPC 2.0 object.", PARSE_ERROR);
  if (message.method === "notifications/cancelled") {
    // an end of the request's own connection is how the gateway hears of it
    underway.get(message.params?.requestId)?.abort();
    return undefined;
  }
  const call = new AbortController();
  underway.set(message.id, call);
  try {
    return await forward(message, line, call.signal);
  } catch (error) {
    if (call.signal.aborted || message.id === undefined) return undefined;
    const reason = error.cause?.code || error.cause?.message || error.message;
    return fail(message.id, `The gateway at ${url.origin} cannot be reached (${reason}).`);
  } finally {
    underway.delete(message.id);
  }
}

// not readline: it also splits at U+2028, which JSON strings may contain
let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  for (const line of lines) if (line.trim()) handle(line);
});
