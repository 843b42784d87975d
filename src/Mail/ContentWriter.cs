namespace SlimtaFast.Mail;

/// <summary>
/// Takes the decoded bytes of one message as they arrive. Used by one caller at a time; ends with <see cref="CompleteAsync"/> or,
/// where the message is given up, with <see cref="Dispose()"/> alone, which frees everything written. Disposing after completion
/// does nothing.
/// </summary>
public abstract class ContentWriter : IDisposable
{
    /// <summary>Octets written so far.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Appends bytes, which the writer has copied or stored when the task ends; usually it ends at once. Storage trouble shows as
    /// an exception here or from <see cref="CompleteAsync"/>; after one, only disposing is allowed.
    /// </summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the content and hands it over with one reference, which the caller releases.</summary>
    /// <param name="traits">What the decoder saw in the bytes.</param>
    /// <param name="cancellationToken">Gives up waiting for the medium.</param>
    public abstract ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what was written, unless the content was completed.</summary>
    protected abstract void Dispose(bool disposing);
}
