using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>
/// The contents that policies made of one message, with what they took of the budget for header sections: given back when the message is
/// stored or refused. Not thread-safe.
/// </summary>
internal sealed class EditedContents : IDisposable
{
    private readonly ContentBudget _budget;
    private readonly List<MessageContent> _contents = [];
    private long _taken;

    /// <summary>Starts with nothing.</summary>
    public EditedContents(ContentBudget budget) => _budget = budget;

    /// <summary>Takes octets of the budget, or tells that there are not so many left.</summary>
    public bool TryTake(long octets)
    {
        if (!_budget.TryTake(octets))
            return false;
        _taken += octets;
        return true;
    }

    /// <summary>Gives octets back.</summary>
    public void Return(long octets)
    {
        _budget.Return(octets);
        _taken -= octets;
    }

    /// <summary>Takes over the reference to a content.</summary>
    public void Add(MessageContent content) => _contents.Add(content);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MessageContent content in _contents)
            content.Release();
        _contents.Clear();
        _budget.Return(_taken);
        _taken = 0;
    }
}
