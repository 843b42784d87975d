using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Results;

/// <summary>Moves fields about authentication that hooks added to the top of the message, in their order. Thread-safe.</summary>
internal sealed class ResultFieldRaising : IQueuePolicy
{
    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> added = message.Envelope.AddedHeaders.Span;
        if (added.IsEmpty)
            return ValueTask.CompletedTask;
        var raised = new ArrayBufferWriter<byte>(added.Length);
        var left = new ArrayBufferWriter<byte>(added.Length);
        var scanner = new HeaderScanner(added, added.Length);
        while (scanner.MoveNext())
        {
            HeaderField field = scanner.Current;
            ReadOnlySpan<byte> name = added.Slice(field.Start, field.NameLength);
            (ResultFields.IsResults(name) || ResultFields.IsReceivedSpf(name) ? raised : left).Write(added[field.Start..field.End]);
        }

        left.Write(added[scanner.SectionLength..]);
        if (raised.WrittenCount == 0)
            return ValueTask.CompletedTask;
        message.Replace(message.Envelope with { AddedHeaders = left.WrittenMemory });
        message.PrependFields(raised.WrittenSpan);
        return ValueTask.CompletedTask;
    }
}
