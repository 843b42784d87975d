using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>Counts the new items that stay in memory until their first attempt, and keeps them within a budget. Not thread-safe.</summary>
internal sealed class ResidentWindow
{
    private readonly int _mostItems;
    private readonly long _mostOctets;
    private int _items;
    private long _octets;

    /// <summary>Makes an empty window of so many items and octets.</summary>
    public ResidentWindow(int mostItems, long mostOctets)
    {
        _mostItems = mostItems;
        _mostOctets = mostOctets;
    }

    /// <summary>Retains the content, where there is room for the item.</summary>
    public bool TryKeep(Envelope envelope)
    {
        // The storage has made a file of its own of it: the scratch file behind it is not to be kept beside that.
        if (envelope.Content is EditedContent && !envelope.Content.TryGetMemory(out _))
            return false;
        long octets = OctetsHeld(envelope);
        if (_items >= _mostItems || _octets + octets > _mostOctets || !envelope.Content.TryRetain())
            return false;
        _items++;
        _octets += octets;
        return true;
    }

    /// <summary>Counts an item that leaves; the reference to its content goes with it.</summary>
    public void Leave(Envelope envelope)
    {
        _items--;
        _octets -= OctetsHeld(envelope);
    }

    private static long OctetsHeld(Envelope envelope) => envelope.AddedHeaders.Length + envelope.Content.OctetsInMemory;
}
