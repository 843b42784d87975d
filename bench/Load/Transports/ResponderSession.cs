using System.Buffers;
using System.IO.Pipelines;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Load.Transports;

/// <summary>
/// The least that a load generator takes for SMTP, so that what is measured is the transport: a reply for each line, and one for each
/// content. The same rules as the C event loop that it is compared with.
/// </summary>
internal static class ResponderSession
{
    private const int TailOfMark = 4;

    private static ReadOnlySpan<byte> EndMark => "\r\n.\r\n"u8;

    public static async Task RunAsync(Connection connection)
    {
        PipeReader input = connection.Input;
        PipeWriter output = connection.Output;
        var state = new State();
        output.Write("220 responder ESMTP\r\n"u8);
        await output.FlushAsync();
        while (true)
        {
            ReadResult result;
            try
            {
                connection.SetDeadline(TimeSpan.FromMinutes(5));
                result = await input.ReadAsync();
            }
            catch (IOException)
            {
                return;
            }

            ReadOnlySequence<byte> bytes = result.Buffer;
            if (bytes.IsSingleSegment)
            {
                int consumed = Answer(bytes.FirstSpan, output, ref state);
                input.AdvanceTo(bytes.GetPosition(consumed), bytes.End);
            }
            else
            {
                long consumed = AnswerSplit(bytes, output, ref state);
                input.AdvanceTo(bytes.GetPosition(consumed), bytes.End);
            }

            if (output.UnflushedBytes > 0)
            {
                await output.FlushAsync();
            }

            if (state.Quit || result.IsCompleted)
            {
                return;
            }
        }
    }

    private static int Answer(ReadOnlySpan<byte> bytes, PipeWriter output, ref State state)
    {
        int at = 0;
        while (at < bytes.Length && !state.Quit)
        {
            ReadOnlySpan<byte> rest = bytes[at..];
            if (state.InData)
            {
                int mark = rest.IndexOf(EndMark);
                if (mark < 0)
                {
                    return Math.Max(at, bytes.Length - TailOfMark);
                }

                at += mark + EndMark.Length;
                state.InData = false;
                output.Write("250 2.0.0 Ok: queued as 0\r\n"u8);
                continue;
            }

            int end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                break;
            }

            Reply(rest[..end], output, ref state);
            at += end + 1;
        }

        return at;
    }

    private static long AnswerSplit(in ReadOnlySequence<byte> bytes, PipeWriter output, ref State state)
    {
        var reader = new SequenceReader<byte>(bytes);
        Span<byte> start = stackalloc byte[4];
        while (!reader.End && !state.Quit)
        {
            if (state.InData)
            {
                if (!reader.TryReadTo(out ReadOnlySequence<byte> _, EndMark))
                {
                    return Math.Max(reader.Consumed, bytes.Length - TailOfMark);
                }

                state.InData = false;
                output.Write("250 2.0.0 Ok: queued as 0\r\n"u8);
                continue;
            }

            if (!reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
            {
                break;
            }

            line = line.Slice(0, Math.Min(line.Length, start.Length));
            line.CopyTo(start);
            Reply(start[..(int)line.Length], output, ref state);
        }

        return reader.Consumed;
    }

    private static void Reply(ReadOnlySpan<byte> line, PipeWriter output, ref State state)
    {
        if (line.StartsWith("DATA"u8))
        {
            state.InData = true;
            output.Write("354 go\r\n"u8);
        }
        else if (line.StartsWith("EHLO"u8))
        {
            output.Write("250-responder\r\n250-PIPELINING\r\n250 8BITMIME\r\n"u8);
        }
        else if (line.StartsWith("QUIT"u8))
        {
            state.Quit = true;
            output.Write("221 bye\r\n"u8);
        }
        else
        {
            output.Write("250 2.1.0 Ok\r\n"u8);
        }
    }

    private struct State
    {
        public bool InData;
        public bool Quit;
    }
}
