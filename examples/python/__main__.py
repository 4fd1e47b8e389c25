import pulumi
import pulumi_ingest_pipeline as ingest

events = ingest.Pipeline(
    "events",
    access="API_KEY",
    throttle=ingest.ThrottleSettingsArgs(requests_per_second=100, burst=100),
    delivery=ingest.DeliverySettingsArgs(buffer_interval_seconds=60),
    protect_data=False,  # destroy deletes the events, too
)

pulumi.export("url", events.url)
pulumi.export("apiKey", events.api_key)
pulumi.export("bucketFolder", events.bucket_folder)
