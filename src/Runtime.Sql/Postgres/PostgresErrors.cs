using System.Net.Sockets;
using Npgsql;

namespace VioActors.Runtime.Sql;

/// <summary>What PostgreSQL's errors mean for the store.</summary>
internal static class PostgresErrors
{
    /// <summary>Raised by our own functions: the rows contradict what is stored.</summary>
    private const string Contradiction = "VA001";

    /// <summary>
    /// The verdict on a batch whose call ended with this error; null when the error says nothing about the batch.
    /// Classes 22, 23 and 54 are errors of the data: values, constraints, limits of the program.
    /// </summary>
    public static CommitVerdict? VerdictOf(PostgresException error) => error.SqlState switch
    {
        Contradiction or PostgresErrorCodes.UniqueViolation => CommitVerdict.Fenced,
        ['2', '2' or '3', ..] or ['5', '4', ..] => CommitVerdict.Rejected,
        _ => null,
    };

    /// <summary>The typed exception, with the next step.</summary>
    /// <param name="store">Host, port and database; never a password.</param>
    /// <param name="error">From Npgsql.</param>
    public static StoreUnavailableException Translate(string store, Exception error)
    {
        var (reason, remedy) = error switch
        {
            PostgresException said => Of(said),
            NpgsqlException { InnerException: SocketException socket } =>
                ($"it cannot be reached: {socket.Message}", "Start PostgreSQL, or correct Host and Port."),
            FileNotFoundException or UnauthorizedAccessException =>
                (error.Message, "Correct Passfile, and let this user read that file."),
            NpgsqlException { InnerException: TimeoutException } =>
                ("it does not answer in time", "Look at its load and its log; the server goes on by itself."),
            _ => (error.Message, "Look at PostgreSQL's log; the server goes on by itself."),
        };
        return new StoreUnavailableException(store, reason, remedy, error);
    }

    private static (string Reason, string Remedy) Of(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidCatalogName =>
            (error.MessageText, "Make it: createdb -O USER DATABASE."),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            (error.MessageText, "Correct Username and Password, or allow this client in pg_hba.conf."),
        PostgresErrorCodes.InsufficientPrivilege =>
            (error.MessageText, "Give the user the right to make a schema in it: GRANT CREATE ON DATABASE."),
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            ("it is read-only, as a standby is", "Connect to the primary: Target Session Attributes=primary."),
        PostgresErrorCodes.DiskFull =>
            ("its disk is full", "Free space on its file system; the server goes on by itself."),
        PostgresErrorCodes.TooManyConnections =>
            (error.MessageText, "Raise max_connections, or stop other clients; the server goes on by itself."),
        _ => ($"{error.MessageText} ({error.SqlState})", "Look at PostgreSQL's log; the server goes on by itself."),
    };
}
