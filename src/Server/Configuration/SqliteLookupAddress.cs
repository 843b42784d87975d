using System.Data.Common;
using Microsoft.Data.Sqlite;
using SlimtaFast.Lookup;
using SlimtaFast.Lookup.Sql;

namespace SlimtaFast.Server.Configuration;

/// <summary>A list in an SQLite database.</summary>
/// <param name="Path">The database's file.</param>
/// <param name="Options">What is asked.</param>
internal sealed record SqliteLookupAddress(string Path, SqlLookupOptions Options) : LookupAddress
{
    private const string Scheme = "sqlite:";

    /// <summary>True where a text starts as such an address.</summary>
    public static bool IsSqlite(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>sqlite:FILE?query=SELECT...@key[&amp;timeout=TIME]</c>, and tries the query, so that its mistakes are told with the others.</summary>
    public static SqliteLookupAddress ParseUri(string text)
    {
        (string path, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[Scheme.Length..]);
        var options = new SqlLookupOptions { Query = "" };
        foreach ((string name, string value) in parameters)
        {
            options = name switch
            {
                "query" => options with { Query = value },
                "timeout" => options with { Timeout = ReadTimeout(value) },
                _ => throw new FormatException($"sqlite: has no parameter '{name}'; it has query and timeout"),
            };
        }

        if (!File.Exists(path))
            throw new FormatException($"there is no database '{path}'");
        if (options.Query.Length == 0)
            throw new FormatException("sqlite: needs ?query=, such as sqlite:mail.db?query=SELECT target FROM aliases WHERE address = @key");
        var address = new SqliteLookupAddress(path, options);
        try
        {
            Check(address.Connect(), options);
        }
        catch (Exception wrong) when (wrong is DbException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException($"the query cannot be asked of '{path}': {wrong.Message}", wrong);
        }

        return address;
    }

    /// <inheritdoc/>
    public override ILookup Open(LookupSecrets secrets, TimeProvider time, Action<Exception> failed) => new SqlLookup(Connect(), Options, time);

    private static void Check(DbDataSource source, SqlLookupOptions options)
    {
        using (source)
        {
            _ = new SqlLookup(source, options, TimeProvider.System);
            using DbConnection connection = source.OpenConnection();
            using DbCommand command = connection.CreateCommand();
            // The operator's own text, once more with nothing asked for.
#pragma warning disable CA2100
            command.CommandText = options.Query;
#pragma warning restore CA2100
            foreach (string name in (string[])["@key", "@localpart", "@domain"])
            {
                DbParameter parameter = command.CreateParameter();
                parameter.ParameterName = name;
                parameter.Value = "";
                if (options.Query.Contains(name, StringComparison.Ordinal))
                    command.Parameters.Add(parameter);
            }

            using DbDataReader reader = command.ExecuteReader();
            if (reader.FieldCount == 0)
                throw new InvalidOperationException("it gives no column");
        }
    }

    private static TimeSpan ReadTimeout(string text) =>
        UnitText.TryParseDuration(text, out TimeSpan timeout) && timeout > TimeSpan.Zero ? timeout : throw new FormatException($"'{text}' is not a time such as 2s");

    private DbDataSource Connect() =>
        SqliteFactory.Instance.CreateDataSource(new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadOnly }.ToString());
}
