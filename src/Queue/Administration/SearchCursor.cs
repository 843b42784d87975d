using System.Globalization;

namespace SlimtaFast.Queue.Administration;

/// <summary>Where a search goes on: a slot of this run of the queue. Slots mean nothing in another run.</summary>
internal static class SearchCursor
{
    /// <summary>Writes a cursor.</summary>
    public static string Write(long run, int slot) => string.Create(CultureInfo.InvariantCulture, $"{run:x}-{slot:x}");

    /// <summary>Reads a cursor; null begins at the first slot.</summary>
    /// <exception cref="QueueDeskException">It is none of this run.</exception>
    public static int Read(long run, string? cursor)
    {
        if (cursor is null)
            return 0;
        int dash = cursor.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0 || !long.TryParse(cursor.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long from)
            || !int.TryParse(cursor.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int slot) || slot < 0)
        {
            throw new QueueDeskException("The cursor is none that a page before has told.");
        }

        return from == run ? slot : throw new QueueDeskException("The cursor is from before the server's last start: begin anew.");
    }
}
