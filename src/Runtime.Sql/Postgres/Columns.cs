using NpgsqlTypes;

namespace VioActors.Runtime.Sql;

/// <summary>Rows of one kind as arrays, one per column: what <c>unnest</c> takes. Single-threaded.</summary>
/// <param name="kinds">One letter per column: i for int, l for bigint, t for text.</param>
internal sealed class Columns(string kinds)
{
    private readonly List<object?>[] _cells = [.. kinds.Select(_ => new List<object?>())];

    /// <summary>How many rows there are.</summary>
    public int Count => _cells[0].Count;

    /// <summary>Adds a row, one value per column.</summary>
    public void Add(params ReadOnlySpan<object?> row)
    {
        for (var i = 0; i < row.Length; i++)
            _cells[i].Add(row[i]);
    }

    /// <summary>The arrays with their types, in the order of the columns.</summary>
    public IEnumerable<(Array Values, NpgsqlDbType Type)> Arrays => kinds.Select((kind, i) => kind switch
    {
        'i' => (Filled<int>(i), NpgsqlDbType.Array | NpgsqlDbType.Integer),
        'l' => (Filled<long>(i), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
        't' => (Filled<string?>(i), NpgsqlDbType.Array | NpgsqlDbType.Text),
        _ => throw new InvalidOperationException($"No column type is called '{kind}'."),
    });

    private Array Filled<T>(int column)
    {
        var cells = _cells[column];
        var values = new T[cells.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (T)cells[i]!;
        return values;
    }
}
