# The command in an image of its own. State goes to the volume /data, which the user 65532 must own; the rest of the file
# system may be read-only. Not built by the tests: they reach no image.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o /imednet ./cmd/imednet

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /imednet /usr/bin/imednet
ENV HOME=/data TMPDIR=/data
USER 65532:65532
VOLUME /data
WORKDIR /data
ENTRYPOINT ["/usr/bin/imednet"]
