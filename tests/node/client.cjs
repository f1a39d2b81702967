// Speaks to a running API with OpenAI's official client, and prints what it got as JSON.
// node client.cjs http://127.0.0.1:7860/v1 "How fast?"
const { OpenAI } = require("openai");

async function main(baseURL, question) {
  const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  const messages = [{ role: "user", content: question }];
  const model = "plumbline";

  const models = [];
  for await (const listed of client.models.list()) models.push(listed.id);

  const whole = await client.chat.completions.create({ model, messages });

  let streamed = "";
  let usage = null;
  const chunks = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    tool_choice: "none",
  });
  for await (const chunk of chunks) {
    streamed += chunk.choices[0]?.delta?.content ?? "";
    usage = chunk.usage ?? usage;
  }

  const events = [];
  let response = null;
  for await (const event of await client.responses.create({ model, input: question, stream: true })) {
    events.push(event.type);
    if (event.type === "response.completed") response = event.response;
  }

  const embedded = await client.embeddings.create({ model, input: ["one", "two"] });
  const found = [];
  for await (const result of client.vectorStores.search("default", { query: question })) {
    found.push(result.filename);
  }
  const file = await client.files.create({
    file: new File(["With the porter."], "key.txt"),
    purpose: "assistants",
  });

  const refused = await client.chat.completions
    .create({ model: "gpt-9", messages })
    .catch((error) => ({ name: error.constructor.name, code: error.code }));

  return {
    models,
    whole: whole.choices[0].message.content,
    verdicts: whole.plumbline.sentences.map((sentence) => sentence.verdict),
    streamed,
    usage,
    events: [...new Set(events)],
    annotations: response.output[0].content[0].annotations.map((annotation) => annotation.type),
    dimensions: embedded.data.map((entry) => entry.embedding.length),
    found,
    file: file.filename,
    refused,
  };
}

main(process.argv[2], process.argv[3]).then(
  (got) => console.log(JSON.stringify(got)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
