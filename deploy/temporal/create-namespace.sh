#!/bin/sh
# Create the namespace TEMPORAL_NAMESPACE if it does not exist. Closed quotations are kept for RETENTION.
set -eu

tries=0
until temporal operator cluster health; do
    tries=$((tries + 1))
    # the port is open some seconds before the service answers
    [ "$tries" -lt 30 ] || exit 1
    sleep 2
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
