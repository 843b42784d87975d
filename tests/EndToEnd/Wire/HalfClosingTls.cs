using System.Net.Security;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// TLS whose own side may be ended while the other is still being read. An OpenSSL connection belongs to one thread at a time; the base
/// class keeps reads and writes apart but not its shutdown, which beside a record that is just being decrypted corrupts the heap of the
/// process ("double free or corruption"). Here reads and the shutdown take turns. One reader, one writer.
/// </summary>
internal sealed class HalfClosingTls : SslStream
{
    private readonly Lock _turn;

    /// <summary>Encrypts what goes over the stream, which it disposes.</summary>
    public HalfClosingTls(Stream inner)
        : this(inner, new Lock())
    {
    }

    private HalfClosingTls(Stream inner, Lock turn)
        : base(new TurnStream(inner, turn)) => _turn = turn;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_turn)
            return base.ReadAsync(buffer, cancellationToken);
    }

    public override Task ShutdownAsync()
    {
        lock (_turn)
            return base.ShutdownAsync();
    }
}
