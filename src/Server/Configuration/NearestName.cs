namespace SlimtaFast.Server.Configuration;

/// <summary>Finds what somebody probably meant to type.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest changed letters, where they are few; else null.</summary>
    public static string? Find(string typed, IEnumerable<string> known)
    {
        string? best = null;
        int fewest = Math.Max(2, typed.Length / 3) + 1;
        foreach (string name in known.Order(StringComparer.Ordinal))
        {
            int changes = Distance(typed, name);
            if (changes < fewest)
                (best, fewest) = (name, changes);
        }

        return best;
    }

    // Levenshtein's distance by its two-row table.
    private static int Distance(string left, string right)
    {
        int[] above = [.. Enumerable.Range(0, right.Length + 1)];
        int[] row = new int[right.Length + 1];
        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int same = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + same);
            }

            (above, row) = (row, above);
        }

        return above[right.Length];
    }
}
