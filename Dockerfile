# syntax=docker/dockerfile:1
# Chancery in a container: built from source, then nothing but the binary, glibc and root certificates, as nobody.

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    CARGO_INCREMENTAL=0 cargo build --profile dist --locked --bin chancery \
    && cp target/dist/chancery /chancery \
    && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /chancery /usr/local/bin/chancery
# The image has no shell to make it with, and a volume takes its owner from here.
COPY --from=build --chown=65532:65532 /data /data
VOLUME /data
ENV CHANCERY_DATA_DIR=/data \
    CHANCERY_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/usr/local/bin/chancery", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/chancery"]
CMD ["serve"]
