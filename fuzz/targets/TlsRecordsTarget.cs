using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Cuts the input into TLS records, as the decoder under a connection gets them: the same octets come out in the same order, whatever the
/// pieces they come in and the room for them, and no read goes beyond a record. The first two octets say how long pieces and room are.
/// </summary>
public sealed class TlsRecordsTarget : IFuzzTarget
{
    private const int HeaderLength = 5;

    /// <inheritdoc/>
    public string Name => "tls-records";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
            return;

        // Everything goes on where it is: a test's context would take the continuations to another thread.
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Cut(input);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static void Cut(ReadOnlySpan<byte> input)
    {
        int pieceLength = input[0] + 1, roomLength = input[1] + 1;
        byte[] sent = input[2..].ToArray();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
        using var records = new RecordStream(pipe.Reader, pipe.Writer);
        byte[] room = new byte[roomLength];
        int received = 0, end = 0, written = 0;
        while (true)
        {
            ValueTask<int> reading = records.ReadAsync(room);
            while (!reading.IsCompleted && written < sent.Length)
            {
                int piece = Math.Min(pieceLength, sent.Length - written);
                pipe.Writer.Write(sent.AsSpan(written, piece));
                written += piece;
                Finish(pipe.Writer.FlushAsync());
            }

            if (!reading.IsCompleted)
                pipe.Writer.Complete();
            int count = Finish(reading);
            if (count == 0)
                break;
            if (received == end)
                end = FindEnd(sent, end);
            FuzzAssert.That(room.AsSpan(0, count).SequenceEqual(sent.AsSpan(received, count)), "Octets differ.");
            received += count;
            FuzzAssert.That(received <= end, "A read goes beyond a record.");
        }

        FuzzAssert.That(received == sent.Length, "Octets are missing.");
    }

    private static int FindEnd(byte[] sent, int start) =>
        sent.Length - start < HeaderLength ? sent.Length : start + HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(sent.AsSpan(start + 3));

    private static T Finish<T>(ValueTask<T> task)
    {
        FuzzAssert.That(task.IsCompleted, "Something waits for nothing.");
        return task.GetAwaiter().GetResult();
    }
}
