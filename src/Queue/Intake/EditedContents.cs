using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>
/// The contents that policies made of one message, with what they took of the budget for header sections: given back when the message is
/// stored or refused. Not thread-safe.
/// </summary>
internal sealed class EditedContents : IDisposable
{
    private readonly ContentBudget _budget;
    private readonly List<EditedContent> _contents = [];
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

    /// <summary>
    /// Takes over the reference to a content and what it holds of the budget, or tells that there is not so much left. Where the same edit was
    /// made for another part of the message, that one's content takes its place, so that the storage keeps their octets once.
    /// </summary>
    public bool TryAdd(ref EditedContent content)
    {
        foreach (EditedContent other in _contents)
        {
            if (!other.IsSameEdit(content))
                continue;
            content.Release();
            content = other;
            return true;
        }

        _contents.Add(content);
        return TryTake(content.StartLength);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EditedContent content in _contents)
            content.Release();
        _contents.Clear();
        _budget.Return(_taken);
        _taken = 0;
    }
}
