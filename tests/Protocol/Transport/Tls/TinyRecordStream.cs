namespace SlimtaFast.Protocol.Tests.Transport.Tls;

/// <summary>Cuts the handshake that goes out in clear into records of one octet each (RFC 8446 section 5.1 allows it), each in a write.</summary>
internal sealed class TinyRecordStream(Stream inner) : OutgoingStream(inner)
{
    private const int HeaderLength = 5;
    private const byte ChangeCipherSpec = 20;
    private const byte Handshake = 22;

    private readonly List<byte> _pending = [];
    private bool _isEncrypted;

    /// <summary>Records of one octet that were sent.</summary>
    public int Records { get; private set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _pending.AddRange(buffer.Span);
        while (_pending.Count >= HeaderLength && _pending.Count >= HeaderLength + ((_pending[3] << 8) | _pending[4]))
        {
            byte[] record = [.. _pending.Take(HeaderLength + ((_pending[3] << 8) | _pending[4]))];
            _pending.RemoveRange(0, record.Length);
            _isEncrypted |= record[0] == ChangeCipherSpec;
            if (record[0] != Handshake || _isEncrypted)
            {
                await Inner.WriteAsync(record, cancellationToken);
                continue;
            }

            foreach (byte octet in record[HeaderLength..])
            {
                Records++;
                await Inner.WriteAsync(new byte[] { Handshake, record[1], record[2], 0, 1, octet }, cancellationToken);
            }
        }
    }
}
