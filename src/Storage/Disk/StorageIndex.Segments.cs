using System.Runtime.InteropServices;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Disk;

/// <summary>The segments' side of the index: which of them are needed.</summary>
internal sealed partial class StorageIndex
{
    /// <summary>Octets of records that are needed, approximately.</summary>
    public long LiveJournalOctets
    {
        get
        {
            lock (_gate)
            {
                long octets = 0;
                foreach (JournalSegment segment in _segments.Values)
                    octets += segment.LiveBytes;
                return octets;
            }
        }
    }

    /// <summary>Makes a segment known before records of it are.</summary>
    public void AddSegment(JournalSegment segment)
    {
        lock (_gate)
            _segments.Add(segment.Generation, segment);
    }

    /// <summary>A segment was begun for nothing: it holds no record.</summary>
    public void Forget(JournalSegment segment)
    {
        lock (_gate)
            _segments.Remove(segment.Generation);
    }

    /// <summary>Moves a segment on.</summary>
    public void SetPhase(JournalSegment segment, SegmentPhase phase)
    {
        lock (_gate)
        {
            segment.Phase = phase;
            _mayHaveDead = true;
        }

        TellOfWork();
    }

    /// <summary>A segment that nothing needs and that may be overwritten, oldest first; null where there is none.</summary>
    public JournalSegment? FindDead()
    {
        lock (_gate)
        {
            JournalSegment? oldest = null;
            foreach (JournalSegment segment in _segments.Values)
            {
                if (IsDead(segment) && (oldest is null || segment.Generation < oldest.Generation))
                    oldest = segment;
            }

            return oldest;
        }
    }

    /// <summary>The oldest segment that gets no more records and of which something is needed; null where there is none.</summary>
    public JournalSegment? FindOldest()
    {
        lock (_gate)
        {
            JournalSegment? oldest = null;
            foreach (JournalSegment segment in _segments.Values)
            {
                if (segment is { Phase: SegmentPhase.Full or SegmentPhase.Sealed, Live: > 0 } && (oldest is null || segment.Generation < oldest.Generation))
                    oldest = segment;
            }

            return oldest;
        }
    }

    /// <summary>Stable storage says that the segment's records are dead: closings that waited for this are needed no longer.</summary>
    public void CompleteFree(JournalSegment segment)
    {
        lock (_gate)
        {
            segment.Phase = SegmentPhase.Freed;
            _segments.Remove(segment.Generation);
            foreach ((int closer, int count) in segment.ClosedIn)
            {
                ref JournalSegment other = ref CollectionsMarshal.GetValueRefOrNullRef(_segments, closer);
                if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref other))
                    continue;
                other.Live -= count;
                NoteIdle(other);
            }

            segment.ClosedIn.Clear();
            // The one after it may have waited for this one's end to be of no interest any more.
            _mayHaveDead = true;
        }

        TellOfWork();
    }

    /// <summary>All segments, for shutting down.</summary>
    public JournalSegment[] Segments()
    {
        lock (_gate)
            return [.. _segments.Values];
    }

    private bool IsDead(JournalSegment segment) =>
        segment.Live == 0
        && segment.Pins == 0
        && segment.Phase is (SegmentPhase.Full or SegmentPhase.Sealed)
        // Its header tells where the one before it ends, until that one tells it itself.
        && (!_segments.TryGetValue(segment.PreviousGeneration, out JournalSegment? previous) || previous.Phase == SegmentPhase.Sealed);

    private JournalSegment? PinLocked(int generation)
    {
        if (generation == 0)
            return null;
        JournalSegment segment = _segments[generation];
        segment.Pins++;
        return segment;
    }

    private static void GainLive(JournalSegment segment, uint octets)
    {
        segment.Live++;
        segment.LiveBytes += octets;
    }

    private void LoseLive(int generation, uint octets)
    {
        if (generation == 0 || !_segments.TryGetValue(generation, out JournalSegment? segment))
            return;
        segment.Live--;
        segment.LiveBytes -= octets;
        NoteIdle(segment);
    }

    private void NoteIdle(JournalSegment segment) => _mayHaveDead |= segment is { Live: 0, Pins: 0, Phase: SegmentPhase.Full or SegmentPhase.Sealed };

    private void TellOfWork()
    {
        if (!Volatile.Read(ref _mayHaveDead))
            return;
        Volatile.Write(ref _mayHaveDead, false);
        _onWork();
    }
}
