using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>The one binary format of heads and states.</summary>
public static class EnvelopeSerializer
{
    /// <summary>Writes the head of an item, its state included.</summary>
    public static void WriteHead(IBufferWriter<byte> output, QueueItem item) => throw new NotSupportedException();

    /// <summary>Reads a head; false for anything that is not a whole, intact head of a known version. Never throws on input.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> bytes, out EnvelopeHead? head) => throw new NotSupportedException();

    /// <summary>Writes the state of an item by itself.</summary>
    public static void WriteState(IBufferWriter<byte> output, QueueId id, DeliveryState state) => throw new NotSupportedException();

    /// <summary>Reads a state; false for anything that is not a whole, intact state of a known version. Never throws on input.</summary>
    public static bool TryReadState(ReadOnlySpan<byte> bytes, out QueueId id, out DeliveryState? state) => throw new NotSupportedException();
}
