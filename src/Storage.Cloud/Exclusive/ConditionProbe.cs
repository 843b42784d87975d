using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Exclusive;

/// <summary>Finds out by trying what an endpoint makes of conditions.</summary>
internal static class ConditionProbe
{
    private const int MostTries = 3;

    /// <summary>Writes a few objects, and deletes them again.</summary>
    /// <param name="objects">The store.</param>
    /// <param name="name">A name that nobody else uses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ConditionalWrites> RunAsync(IObjectStore objects, string name, CancellationToken cancellationToken)
    {
        var found = ConditionalWrites.None;

        // Again where it seems to do less than it could: a write whose answer got lost and that was repeated looks the same, but not each time.
        for (int tries = 0; tries < MostTries && found < objects.Conditions; tries++)
        {
            string probe = $"{ObjectNames.Probe}{name}-{tries}";
            try
            {
                ConditionalWrites seen = await TryAsync(objects, probe, cancellationToken).ConfigureAwait(false);
                found = seen > found ? seen : found;
            }
            finally
            {
                await objects.DeleteAsync([probe], cancellationToken).ConfigureAwait(false);
            }
        }

        return found;
    }

    private static async Task<ConditionalWrites> TryAsync(IObjectStore objects, string probe, CancellationToken cancellationToken)
    {
        string? first;
        try
        {
            first = await objects.PutAsync(probe, "1"u8.ToArray(), [], PutCondition.Absent, cancellationToken).ConfigureAwait(false);
            string? second = await objects.PutAsync(probe, "2"u8.ToArray(), [], PutCondition.Absent, cancellationToken).ConfigureAwait(false);
            if (first is null || second is not null)
                return ConditionalWrites.None;
        }
        catch (NotSupportedException)
        {
            return ConditionalWrites.None;
        }

        if (objects.Conditions != ConditionalWrites.Atomic)
            return ConditionalWrites.CreateOnly;
        try
        {
            string? third = await objects.PutAsync(probe, "3"u8.ToArray(), [], PutCondition.Matches(first), cancellationToken).ConfigureAwait(false);
            string? fourth = await objects.PutAsync(probe, "4"u8.ToArray(), [], PutCondition.Matches(first), cancellationToken).ConfigureAwait(false);
            return third is not null && fourth is null ? ConditionalWrites.Atomic : ConditionalWrites.CreateOnly;
        }
        catch (NotSupportedException)
        {
            return ConditionalWrites.CreateOnly;
        }
    }
}
