using System.Buffers;

namespace SlimtaFast.Queue.Policies;

/// <summary>Adds one header field in front of the message; the content is not touched.</summary>
internal sealed class AddHeader : IQueuePolicy
{
    private readonly byte[] _name;
    private readonly HeaderTemplate _value;
    private readonly bool _onlyIfMissing;

    /// <summary>Makes the policy; throws <see cref="FormatException"/> for a name or value that cannot be.</summary>
    public AddHeader(string name, string value, bool onlyIfMissing)
    {
        _name = FieldNames.CheckName(name);
        _value = new HeaderTemplate(value);
        _onlyIfMissing = onlyIfMissing;
    }

    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        if (_onlyIfMissing)
            return AddIfMissingAsync(message, cancellationToken);
        Add(message);
        return ValueTask.CompletedTask;
    }

    private async ValueTask AddIfMissingAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var search = new Search(_name);
        await message.EditHeadersAsync(search, cancellationToken);
        if (!search.Found && message.Refusal.IsNone)
            Add(message);
    }

    private void Add(IncomingMessage message)
    {
        var field = new ArrayBufferWriter<byte>();
        FoldedField.Write(field, _name, _value.Render(message.Envelope));
        message.PrependFields(field.WrittenSpan);
    }

    private sealed class Search(byte[] name) : IHeaderEdit
    {
        public bool Found { get; private set; }

        public bool TryEdit(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value, IBufferWriter<byte> replacement)
        {
            Found = Found || System.Text.Ascii.EqualsIgnoreCase(field, name);
            return false;
        }
    }
}
