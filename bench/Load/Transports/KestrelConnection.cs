using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Load.Transports;

/// <summary>Kestrel's raw connection seen as one of ours, so that both run the same session. It has no deadline.</summary>
internal sealed class KestrelConnection(ConnectionContext context) : Connection
{
    public override PipeReader Input => context.Transport.Input;

    public override PipeWriter Output => context.Transport.Output;

    public override EndPoint? RemoteEndPoint => context.RemoteEndPoint;

    public override EndPoint? LocalEndPoint => context.LocalEndPoint;

    public override async ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            Output.Write(segment.Span);
        }

        await Output.FlushAsync(cancellationToken);
    }

    public override void SetDeadline(TimeSpan fromNow)
    {
        // Kestrel's raw connections have none, which is in its favour here.
    }

    public override void Abort() => context.Abort();

    public override ValueTask DisposeAsync() => context.DisposeAsync();
}
