// The very request of a form, as a developer would write it.

function pairs(data) {
  return [...data.entries()].filter(([name, value]) => !["source", "wait"].includes(name) && (value instanceof File ? value.name : value !== ""));
}

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
const literal = (text) => JSON.stringify(String(text));

export function asCurl(base, data) {
  const fields = pairs(data).map(([name, value]) =>
    value instanceof File ? `  -F ${quoted(`${name}=@${value.name}`)}` : `  --form-string ${quoted(`${name}=${value}`)}`,
  );
  return [`curl -H "X-API-Key: $KEY" \\`, ...fields.map((line) => `${line} \\`), `  ${base}/v1/voice-cloning/tts`].join("\n");
}

export function asPython(base, data) {
  const fields = pairs(data);
  const texts = fields.filter(([, value]) => !(value instanceof File)).map(([name, value]) => `    ${literal(name)}: ${literal(value)},`);
  const files = fields.filter(([, value]) => value instanceof File).map(([name, value]) => `    files={${literal(name)}: open(${literal(value.name)}, "rb")},`);
  return [
    "import os",
    "",
    "import httpx",
    "",
    "answer = httpx.post(",
    `    ${literal(`${base}/v1/voice-cloning/tts`)},`,
    `    headers={"X-API-Key": os.environ["KEY"]},`,
    "    data={",
    ...texts.map((line) => `    ${line}`),
    "    },",
    ...files,
    "    timeout=60,",
    ")",
    "print(answer.json())",
  ].join("\n");
}

export function asJavaScript(base, data) {
  const lines = pairs(data).map(([name, value]) =>
    value instanceof File
      ? `form.append(${literal(name)}, await openAsBlob(${literal(value.name)}), ${literal(value.name)});`
      : `form.append(${literal(name)}, ${literal(value)});`,
  );
  return [
    `import { openAsBlob } from "node:fs";`,
    "",
    "const form = new FormData();",
    ...lines,
    `const answer = await fetch(${literal(`${base}/v1/voice-cloning/tts`)}, {`,
    `  method: "POST",`,
    `  headers: { "X-API-Key": process.env.KEY },`,
    "  body: form,",
    "});",
    "console.log(await answer.json());",
  ].join("\n");
}
