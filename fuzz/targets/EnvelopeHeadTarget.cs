using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Reads an envelope head; what was read is written, read and written again, and must come out the same.</summary>
public sealed class EnvelopeHeadTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "envelope-head";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        EnvelopeSerializer.TryGetBlockLength(input, out _);
        ReadAndWrite(input);
        ReadAndWrite(BlockSeal.Seal(input, "SFEH"u8));
    }

    private static void ReadAndWrite(ReadOnlySpan<byte> bytes)
    {
        if (!EnvelopeSerializer.TryReadHead(bytes, out EnvelopeHead? head))
            return;
        byte[] written = Write(head!);
        FuzzAssert.That(EnvelopeSerializer.TryReadHead(written, out EnvelopeHead? again), "A head that was written is not read.");
        FuzzAssert.That(written.AsSpan().SequenceEqual(Write(again!)), "A head is not written as it was read.");
    }

    private static byte[] Write(EnvelopeHead head)
    {
        var output = new ArrayBufferWriter<byte>();
        var content = new UnreadContent(head.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits);
        EnvelopeSerializer.WriteHead(output, head.WithContent(content));
        return output.WrittenSpan.ToArray();
    }

    private sealed class UnreadContent(QueueId id, long length, uint crc, ContentTraits traits) : MessageContent(id, length, crc, traits)
    {
        public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            ValueTask.FromException<int>(new IOException("This content has no octets."));

        protected override void Free()
        {
        }
    }
}
