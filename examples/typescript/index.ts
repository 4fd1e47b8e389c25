import * as ingest from "@pulumi/ingest-pipeline";

const events = new ingest.Pipeline("events", {
    access: "API_KEY",
    throttle: { requestsPerSecond: 100, burst: 100 },
    delivery: { bufferIntervalSeconds: 60 },
    protectData: false, // destroy deletes the events, too
});

export const url = events.url;
export const apiKey = events.apiKey;
export const bucketFolder = events.bucketFolder;
