using System.Data.Common;
using System.Globalization;

namespace VioActors.Runtime.Sql;

/// <summary>Reads rows in the column order of Statements.sql.</summary>
internal static class StoreRows
{
    public static InboxRow Inbox(DbDataReader row) => new(
        row.GetString(1), Actor(row, 2), row.IsDBNull(3) ? null : Actor(row, 3), Body(row, 4), row.GetString(6));

    public static TimerRow Timer(DbDataReader row) => new(
        Actor(row, 1), row.GetString(2), row.GetString(3), Time(row, 4), Body(row, 5), row.GetString(7));

    public static EffectRow Effect(DbDataReader row) => new(
        Actor(row, 1), row.GetString(2), row.GetString(3), Body(row, 4), row.GetString(6), row.GetString(7));

    public static EventRow Event(DbDataReader row) => new(
        Actor(row, 0), row.GetInt64(1), Body(row, 2), row.GetString(4), row.GetString(5), Time(row, 6));

    public static ServerSeen Server(DbDataReader row) => new(
        new ServerRow(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3))
        {
            Rates = [.. row.GetString(6).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number)],
        },
        Time(row, 4), row.GetBoolean(5));

    public static DeadLetter DeadLetter(DbDataReader row) => new(
        row.GetString(0), Actor(row, 1), row.IsDBNull(2) ? null : Actor(row, 2), Body(row, 3), row.GetString(5),
        row.GetString(6), Time(row, 7));

    public static JournalRow Journal(DbDataReader row) =>
        new(row.GetInt64(7), Event(row), row.GetInt64(8), row.GetInt64(9));

    public static DateTimeOffset Time(DbDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static ActorKey Actor(DbDataReader row, int column) => ActorKey.Parse(row.GetString(column));

    private static Body Body(DbDataReader row, int column) => new(row.GetString(column), row.GetString(column + 1));
}
