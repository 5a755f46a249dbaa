# The image of autotasksim: a simulated Autotask in one static binary, nothing else that runs.
#
#   docker build -f deploy/autotasksim.Dockerfile -t autotasksim .
#   docker run --rm -p 4480:4480 autotasksim
#
# docs/autotask-simulator.md tells what it does. The tests beside this file read it, build as it builds, and run the result as
# it runs.

# The toolchain of go.mod. It compiles for the target on the machine at hand, without emulation.
FROM --platform=$BUILDPLATFORM golang:1.26.8-trixie AS build
WORKDIR /src

# Modules change less often than code: they have a layer of their own.
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download

COPY . .
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/autotasksim ./cmd/autotasksim

# The user by name, for tools that look one up.
RUN echo "holdfast:x:65532:65532:holdfast:/:/none" > /out/passwd && \
    echo "holdfast:x:65532:" > /out/group

# Nothing, as in the image of ticketdesk. The certificates are for webhooks to public addresses, where those are allowed.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/passwd /out/group /etc/
COPY --from=build /out/autotasksim /autotasksim

# For a container: on every address. No load balancer has to be told before it stops, so it stops at once. Its data are in
# memory: nothing is written.
ENV AUTOTASK_SIMULATOR_ADDR=0.0.0.0:4480 \
    SHUTDOWN_HEALTH_GRACE_PERIOD=0
EXPOSE 4480

# By number: Kubernetes cannot tell of a name that it is not root.
USER 65532:65532

# The exec form: the program is process 1, and gets the signal itself. Flags go behind the image's name: docker run
# autotasksim -tickets 100000. There is no HEALTHCHECK: the start is the moment in which it listens, and
# GET /atservicesrest/versioninformation is the probe.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/autotasksim"]
