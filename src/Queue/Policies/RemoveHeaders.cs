using System.Buffers;

namespace SlimtaFast.Queue.Policies;

/// <summary>Removes the received fields of some names.</summary>
internal sealed class RemoveHeaders : IQueuePolicy, IHeaderEdit
{
    private readonly FieldNames _names;

    /// <summary>Makes the policy; throws <see cref="FormatException"/> for what is no name.</summary>
    public RemoveHeaders(IEnumerable<string> names) => _names = new FieldNames(names);

    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken) => message.EditHeadersAsync(this, cancellationToken);

    /// <inheritdoc/>
    public bool TryEdit(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, IBufferWriter<byte> replacement) => _names.Match(name);
}
