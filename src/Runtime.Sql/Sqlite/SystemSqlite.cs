using System.Runtime.InteropServices;
using SQLitePCL;

namespace VioActors.Runtime.Sql;

/// <summary>Binds the managed provider to the system's SQLite, which the distribution patches.</summary>
internal static class SystemSqlite
{
    private static readonly Lock Once = new();
    private static bool _isBound;

    /// <summary>May be called any number of times.</summary>
    /// <exception cref="StoreUnavailableException">The library is not installed.</exception>
    public static void Bind(string store)
    {
        lock (Once)
        {
            if (_isBound)
                return;
            if (!NativeLibrary.TryLoad("libsqlite3.so.0", out var library))
                throw new StoreUnavailableException(
                    store, "libsqlite3.so.0 is not on this machine", "Install the package libsqlite3-0.");
            NativeLibrary.SetDllImportResolver(
                typeof(SQLite3Provider_e_sqlite3).Assembly,
                (name, _, _) => name == "e_sqlite3" ? library : IntPtr.Zero);
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            _isBound = true;
        }
    }
}
