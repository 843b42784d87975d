using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>
/// Rewrites header sections: a content with another section in front and the received octets behind it, which are not copied. Sections
/// are held in memory, so all that are edited at once share a budget. Thread-safe.
/// </summary>
internal sealed class HeaderEditing
{
    /// <summary>Octets of the longest header section that is edited: 256 KiB.</summary>
    public const int LongestSection = 256 * 1024;

    private readonly QueueIdGenerator _ids;

    /// <summary>Makes an editor.</summary>
    /// <param name="ids">Names the new contents.</param>
    /// <param name="budget">Octets of header sections that may be edited at once.</param>
    public HeaderEditing(QueueIdGenerator ids, ContentBudget budget)
    {
        _ids = ids;
        Budget = budget;
    }

    /// <summary>Octets of header sections that may be edited at once.</summary>
    public ContentBudget Budget { get; }

    /// <summary>
    /// Walks the section and makes the new content; null where no field changes. A field that nothing changes keeps every octet.
    /// </summary>
    /// <param name="content">The message.</param>
    /// <param name="start">Its first octets: <see cref="LongestSection"/> and one more, or all.</param>
    /// <param name="edit">What is to be changed.</param>
    /// <param name="isTooLong">True where the section is longer than what is edited; then there is no content.</param>
    public EditedContent? Edit(MessageContent content, in ReadOnlySequence<byte> start, IHeaderEdit edit, out bool isTooLong)
    {
        var scanner = new HeaderScanner(start, LongestSection);
        while (scanner.MoveNext())
        {
        }

        isTooLong = scanner.End == HeaderEnd.Limit;
        if (isTooLong || scanner.SectionLength == 0)
            return null;
        ReadOnlySequence<byte> section = start.Slice(0, scanner.SectionLength);
        if (section.IsSingleSegment)
            return Edit(content, section.FirstSpan, edit);
        byte[] whole = ArrayPool<byte>.Shared.Rent(scanner.SectionLength);
        try
        {
            section.CopyTo(whole);
            return Edit(content, whole.AsSpan(0, scanner.SectionLength), edit);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private EditedContent? Edit(MessageContent content, ReadOnlySpan<byte> section, IHeaderEdit edit)
    {
        ArrayBufferWriter<byte>? result = null;
        var replacement = new ArrayBufferWriter<byte>();
        int unchanged = 0;
        var scanner = new HeaderScanner(section, LongestSection);
        while (scanner.MoveNext())
        {
            HeaderField field = scanner.Current;
            replacement.ResetWrittenCount();
            if (!edit.TryEdit(section.Slice(field.Start, field.NameLength), section[field.ValueStart..field.End], replacement))
                continue;
            if (replacement.WrittenCount > 0 && !replacement.WrittenSpan.EndsWith("\r\n"u8))
                throw new InvalidOperationException("A header field must end with CRLF.");
            result ??= new ArrayBufferWriter<byte>(section.Length);
            result.Write(section[unchanged..field.Start]);
            result.Write(replacement.WrittenSpan);
            unchanged = field.End;
        }

        if (result is null)
            return null;
        result.Write(section[unchanged..]);
        return new EditedContent(_ids.Next(), result.WrittenMemory, section, content);
    }
}
