using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Reads a delivery state; what was read is written, read and written again, and must come out the same.</summary>
public sealed class EnvelopeStateTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "envelope-state";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        ReadAndWrite(input);
        ReadAndWrite(BlockSeal.Seal(input, "SFES"u8));
    }

    private static void ReadAndWrite(ReadOnlySpan<byte> bytes)
    {
        if (!EnvelopeSerializer.TryReadState(bytes, out QueueId id, out DeliveryState? state))
            return;
        byte[] written = Write(id, state!);
        FuzzAssert.That(EnvelopeSerializer.TryReadState(written, out QueueId idAgain, out DeliveryState? again), "A state that was written is not read.");
        FuzzAssert.That(written.AsSpan().SequenceEqual(Write(idAgain, again!)), "A state is not written as it was read.");
    }

    private static byte[] Write(QueueId id, DeliveryState state)
    {
        var output = new ArrayBufferWriter<byte>();
        EnvelopeSerializer.WriteState(output, id, state);
        return output.WrittenSpan.ToArray();
    }
}
