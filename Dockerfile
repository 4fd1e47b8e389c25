# The local target and the Pulumi CLI that it drives. docs/local-target.md describes how to run it.
FROM golang:1.26.8 AS build
WORKDIR /src
COPY . .
RUN SOURCE_DATE_EPOCH=0 bash .ci/release /dist "linux/$(go env GOARCH)" && \
    mkdir -p /project/.local && tar -xzf /dist/*.tar.gz -C /project --strip-components=1

FROM pulumi/pulumi-base:3.250.0
# The Pulumi CLI needs a user that has a name.
RUN useradd --create-home ingest
COPY --from=build --chown=ingest:ingest /project /project
WORKDIR /project
USER ingest
ENTRYPOINT ["./ingest-pipeline"]
CMD ["demo"]
