using System.Data;
using System.Data.Common;
using System.Globalization;

namespace SlimtaFast.Lookup.Sql;

/// <summary>
/// Finds values in any database that has an ADO.NET driver. Each look-up is one parameterised statement on a connection of the source's
/// pool; several rows are one value with commas between them, NULL is none. Statements run on the thread pool, because drivers may block.
/// One that does not end in time fails its look-up at once, and keeps its turn until the driver gives up. Thread-safe.
/// </summary>
public sealed class SqlLookup : ILookup, IAsyncDisposable
{
    private static readonly string[] Parameters = ["@key", "@localpart", "@domain"];

    private readonly DbDataSource _source;
    private readonly SqlLookupOptions _options;
    private readonly TimeProvider _time;
    private readonly string[] _parameters;
    private readonly SemaphoreSlim _turns;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="source">Makes connections; the lookup owns it.</param>
    /// <param name="options">The statement and its limits; throws <see cref="ArgumentException"/> where it names no parameter.</param>
    /// <param name="time">The clock.</param>
    public SqlLookup(DbDataSource source, SqlLookupOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrent, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1, nameof(options));
        _parameters = [.. Parameters.Where(name => options.Query.Contains(name, StringComparison.Ordinal))];
        if (_parameters.Length == 0)
            throw new ArgumentException($"The query names none of {string.Join(", ", Parameters)}.", nameof(options));
        _source = source;
        _options = options;
        _time = time;
        _turns = new SemaphoreSlim(options.MaxConcurrent, options.MaxConcurrent);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _turns.WaitAsync(both.Token).ConfigureAwait(false);
            // The token's source may be gone before a statement that nobody waits for any more has ended, its token may still be asked.
            CancellationToken token = both.Token;
            Task<string?> query = Task.Run(() => QueryInTurnAsync(key, token), CancellationToken.None);
            return await query.WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new LookupException(string.Create(CultureInfo.InvariantCulture, $"The database did not answer within {_options.Timeout}."));
        }
        catch (Exception trouble) when (trouble is DbException or InvalidOperationException)
        {
            throw new LookupException($"The database did not answer: {trouble.Message}", trouble);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        _turns.Dispose();
    }

    private async Task<string?> QueryInTurnAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await QueryAsync(key.ToLowerInvariant(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<string?> QueryAsync(string key, CancellationToken cancellationToken)
    {
        await using DbConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using DbCommand command = connection.CreateCommand();
        // The query is the operator's, never a client's: what clients say is in the parameters.
#pragma warning disable CA2100
        command.CommandText = _options.Query;
#pragma warning restore CA2100
        command.CommandTimeout = Math.Max(1, (int)Math.Ceiling(_options.Timeout.TotalSeconds));
        int at = key.LastIndexOf('@');
        foreach (string name in _parameters)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.DbType = DbType.String;
            parameter.Value = name switch
            {
                "@localpart" when at >= 0 => key[..at],
                "@domain" when at >= 0 => key[(at + 1)..],
                "@localpart" or "@domain" => DBNull.Value,
                _ => key,
            };
            command.Parameters.Add(parameter);
        }

        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        List<string>? values = null;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // A list that is cut short would look like a whole one.
            if (values?.Count >= _options.MaxRows)
                throw new LookupException(string.Create(CultureInfo.InvariantCulture, $"The query gives more than {_options.MaxRows} rows."));
            if (!await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false))
                (values ??= []).Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture) ?? "");
        }

        return values is null ? null : string.Join(", ", values);
    }
}
