namespace SlimtaFast.Protocol.Tests.Transport.Tls;

/// <summary>Writes every octet by itself.</summary>
internal sealed class DribblingStream(Stream inner) : OutgoingStream(inner)
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int i = 0; i < buffer.Length; i++)
            await Inner.WriteAsync(buffer.Slice(i, 1), cancellationToken);
    }
}
